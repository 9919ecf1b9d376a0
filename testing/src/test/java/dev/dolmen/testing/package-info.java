/** Tests of the extension: as its users write them, and run by the JUnit platform's test kit. */
@org.jspecify.annotations.NullMarked
package dev.dolmen.testing;
