/**
 * What is kept of images: content by digest, names that point at it, and what becomes of content
 * that nothing points at. One process at a time uses a store. Must not know of registries: those
 * fill the store from package registry.
 */
package dev.rung.image;
