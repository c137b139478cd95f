/**
 * The monitors of containers, seen from the daemon: having one made, talking to one, and finding
 * out what became of one while no daemon ran. What they speak and write is drawn in
 * docs/formats/monitor.md; it is frozen, because monitors outlive daemons.
 */
package dev.rung.engine.monitor;
