package dev.systole.frontend.sy;

/** A place of the text while it is expanded somewhere in the model. */
record Site(Span span, Frame frame) {}
