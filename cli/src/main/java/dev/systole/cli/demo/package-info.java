/** The demonstration: a sentence-embedding model from its package, compiled, run, compared and explained. */
package dev.systole.cli.demo;
