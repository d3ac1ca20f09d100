/** Reading models: what every frontend shares. */
package dev.systole.frontend;
