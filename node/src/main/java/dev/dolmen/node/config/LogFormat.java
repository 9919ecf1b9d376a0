package dev.dolmen.node.config;

/** How a node's log is written. */
public enum LogFormat {
  /** One line an event, for people. */
  TEXT,
  /** One JSON object a line, for programs. */
  JSON
}
