/**
 * What people write behind {@code --format}, or as the tag of a log: the part of Go's text/template
 * that is used there, over JSON values, with the functions that docker adds (json, join, split,
 * lower, upper, title, truncate, pad, println).
 */
package dev.rung.engine.template;
