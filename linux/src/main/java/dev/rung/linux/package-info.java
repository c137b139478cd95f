/**
 * System calls and kernel structures through the Foreign Function and Memory API. A class is one
 * subject of the kernel, a method is one system call and says whether it can block; what fails
 * throws {@link dev.rung.linux.ErrnoException}, because only the caller knows what an errno means
 * there. Blocking calls belong on platform threads: they would hold a virtual thread's carrier.
 *
 * <p>Every function is called through one shape of six longs, so that a cold JVM builds one method
 * handle, and structures are read through byte buffers, whose access needs none.
 */
package dev.rung.linux;
