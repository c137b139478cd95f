/**
 * Containers as units of systemd: which unit and which properties a config asks for, and the
 * messages of D-Bus that say so to systemd. Pure functions and bytes: the connection is somebody
 * else's. Sources: the D-Bus specification, org.freedesktop.systemd1(5), and runc for what a
 * property is made of.
 */
package dev.rung.host.systemd;
