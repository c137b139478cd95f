/**
 * Tar archives read and written: ustar, pax (POSIX.1-2017 pax, "pax Interchange Format") and the
 * GNU forms. Names are bytes. Whatever an archive says is bounded and checked here; what its
 * entries mean for a file system is judged elsewhere.
 */
package dev.rung.image.tar;
