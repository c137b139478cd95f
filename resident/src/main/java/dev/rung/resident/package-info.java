/** The warm JVM's side of the hand-over from a front end. */
package dev.rung.resident;
