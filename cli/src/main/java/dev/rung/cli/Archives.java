package dev.rung.cli;

import dev.rung.image.archive.FileSystemImporter;
import dev.rung.image.archive.ImageLoader;
import dev.rung.image.archive.ImageSaver;

/** Images on their way from archives and into them. */
public record Archives(ImageLoader loader, ImageSaver saver, FileSystemImporter importer) {}
