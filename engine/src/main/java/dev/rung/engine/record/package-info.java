/**
 * The engine's state on disk: a folder for each container with its record, format 1. A record is
 * written under another name, synced and renamed, so that there is always a whole one; a newer
 * format is refused. How a container runs and ended stands in the files of its monitor beside it.
 */
package dev.rung.engine.record;
