/**
 * Layers: tar archives in, folders out, and back. A layer's folder is what overlayfs takes as a
 * lower folder: a removed file is a character device 0:0, a folder that hides what lies below has
 * an attribute that says so. Layers come from strangers: every path is resolved below the
 * descriptor of the layer's own folder, and what a layer may take is limited.
 */
package dev.rung.image.layer;
