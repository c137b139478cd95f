/**
 * Where the output of containers is sent to besides the file here: syslog servers (RFC 3164, 5424,
 * 5425) and systemd's journal, each message as Docker's driver of that name writes it. Nothing here
 * knows which container sends, or when.
 */
package dev.rung.engine.forward;
