package dev.dolmen.testing;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;

/** What {@link DolmenTest} does: one network for one test, from the first who asks for it on. */
final class NetworkParameter
    implements ParameterResolver, AfterEachCallback, TestExecutionExceptionHandler {

  private static final Namespace NAMESPACE = Namespace.create(NetworkParameter.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == DolmenNetwork.class;
  }

  @Override
  public DolmenNetwork resolveParameter(ParameterContext parameter, ExtensionContext context) {
    int nodes =
        AnnotationSupport.findAnnotation(context.getTestMethod(), DolmenTest.class)
            .map(DolmenTest::nodes)
            .orElseThrow(
                () ->
                    new ExtensionConfigurationException(
                        "a DolmenNetwork is for one test: take it in a @DolmenTest method, or in"
                            + " @BeforeEach or @AfterEach"));
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(DolmenNetwork.class, absent -> started(nodes), DolmenNetwork.class);
  }

  private static DolmenNetwork started(int nodes) {
    DolmenNetwork network = DolmenNetwork.of(nodes);
    network.start();
    return network;
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    DolmenNetwork network =
        context.getStore(NAMESPACE).get(DolmenNetwork.class, DolmenNetwork.class);
    throw network == null ? failure : network.explained(failure);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    DolmenNetwork network =
        context.getStore(NAMESPACE).remove(DolmenNetwork.class, DolmenNetwork.class);
    if (network != null) {
      network.close();
    }
  }
}
