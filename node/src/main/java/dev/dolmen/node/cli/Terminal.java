package dev.dolmen.node.cli;

import com.google.common.collect.ImmutableMap;
import java.io.InputStream;
import java.io.PrintWriter;

/**
 * All that a command may read and write besides files and sockets.
 *
 * @param environment the process's environment variables
 * @param in standard input
 * @param out standard output: answers
 * @param err standard error: complaints, progress
 * @param isWatched whether somebody sees output as it comes, so that progress may be drawn
 */
record Terminal(
    ImmutableMap<String, String> environment,
    InputStream in,
    PrintWriter out,
    PrintWriter err,
    boolean isWatched) {}
