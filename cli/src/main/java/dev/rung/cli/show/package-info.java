/** How lists, ages and sizes are shown: as docker shows them, because scripts read it. */
package dev.rung.cli.show;
