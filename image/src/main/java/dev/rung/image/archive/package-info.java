/**
 * Images as files: archives of docker save and of the OCI image layout (image-spec
 * image-layout.md), read and written, and single archives of a whole file system. An archive is
 * read in one pass, so it can come through a pipe.
 */
package dev.rung.image.archive;
