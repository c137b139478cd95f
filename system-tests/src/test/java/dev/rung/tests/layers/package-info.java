/** Layers and root file systems for real: against tar, umoci and the kernel's overlays. */
package dev.rung.tests.layers;
