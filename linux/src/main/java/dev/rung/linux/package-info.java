/** System calls and kernel structures through the Foreign Function and Memory API. */
package dev.rung.linux;
