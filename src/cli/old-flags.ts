import { Option, type Command } from 'commander';

const OLD_KUBERNETES = 'kubeNamespace';

/**
 * Accepts the flags that 0.1 had for namespaces, with a warning: `--kube-namespace`, and `--namespace` for Temporal's where
 * a command has no Kubernetes namespace. They are removed with 0.3.
 */
export function acceptOldFlags(command: Command): void {
  const has = (name: string) => command.options.find((option) => option.attributeName() === name);
  const namespace = has('namespace');
  if (namespace !== undefined) {
    const old = new Option('--kube-namespace <name>').hideHelp();
    if (namespace.parseArg !== undefined) old.argParser(namespace.parseArg);
    command.addOption(old);
  } else if (has('temporalNamespace') !== undefined) {
    command.addOption(new Option('--namespace <name>').hideHelp());
  }
}

/** Gives the values of old flags to the new ones. @param args of the process */
export function renameOldFlags(command: Command, args: readonly string[]): void {
  const isLong = args.some((arg) => arg === '--namespace' || arg.startsWith('--namespace='));
  const temporal = command.options.some((option) => option.attributeName() === 'temporalNamespace');
  const old = command.getOptionValue(OLD_KUBERNETES) as unknown;
  const namespace = command.options.find((option) => option.attributeName() === 'namespace');
  if (old !== undefined) {
    console.error('Warning: --kube-namespace is deprecated and will be removed in 0.3; use -n or --namespace.');
    command.setOptionValueWithSource('namespace', old, 'cli');
  } else if (namespace?.hidden === true && command.getOptionValue('namespace') !== undefined) {
    console.error('Warning: --namespace is deprecated here and will be removed in 0.3; use --temporal-namespace.');
    command.setOptionValueWithSource('temporalNamespace', command.getOptionValue('namespace'), 'cli');
  } else if (isLong && temporal && namespace !== undefined) {
    console.error(
      'Warning: --namespace is the Kubernetes namespace since 0.2; the Temporal namespace is --temporal-namespace. ' +
        'Write -n to omit this warning, which will be removed in 0.3.',
    );
  }
}
