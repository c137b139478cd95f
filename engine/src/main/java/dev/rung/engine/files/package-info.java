/**
 * Files and trees that are copied and unpacked below open folders, by names that are one component
 * each, so that no link leads anywhere else.
 */
package dev.rung.engine.files;
