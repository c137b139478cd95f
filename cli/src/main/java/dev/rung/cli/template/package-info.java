/**
 * What people write behind {@code --format}: the part of Go's text/template that is used there,
 * over JSON values, with the functions that docker adds (json, join, split, lower, upper, title,
 * truncate, pad, println).
 */
package dev.rung.cli.template;
