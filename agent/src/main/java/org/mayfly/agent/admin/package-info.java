/**
 * The way in for administrators: a Unix socket, who may use it, and what is asked and answered on it.
 *
 * <p>One JSON document a line, both ways, any number of requests on a connection, answered one after the other:
 *
 * <pre>
 * {"command":"permit","arguments":{"client":"laptop","service":"ssh"}}
 * {"ok":true,"result":{"id":"0f3a…","door":"2001:db8:1:2:…",…}}
 * {"ok":false,"status":2,"error":"no service \"shh\"; see: mayflyctl services"}
 * </pre>
 *
 * One command, {@code monitor}, is answered again and again, until the one who asked hangs up or an answer that is no
 * result ends it; each of its answers says {@code "more":true}:
 *
 * <pre>
 * {"command":"monitor"}
 * {"ok":true,"more":true,"result":{"time":"2026-11-21T10:00:00Z","event":"watching",…}}
 * {"ok":true,"more":true,"result":{"time":"2026-11-21T10:00:07.31Z","event":"active","id":"0f3a…",…}}
 * </pre>
 *
 * {@code status} is the exit status the error deserves ({@link org.mayfly.agent.admin.ExitStatus}) and {@code error} is
 * one line. Members of an envelope that a reader does not know are to be ignored. Arguments that the agent does not know
 * are refused, for leaving one out could open more than was asked. {@link org.mayfly.agent.admin.AdminCommand} lists what
 * can be asked.
 */
@NullMarked
package org.mayfly.agent.admin;

import org.jspecify.annotations.NullMarked;
