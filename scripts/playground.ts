import { LabMode } from '../lab/contract.ts';

export interface PlaygroundOptions {
  readonly mode: LabMode;
  /** The checkout. */
  readonly root: string;
  /** The program of Node, and the command line that it runs. */
  readonly node: string;
  readonly main: string;
  /** Temporal's. */
  readonly address: string;
  readonly kubeconfig: string;
}

/** What a kept demo prints: two lines to paste into another terminal, and five commands to try there. */
export function playground({ mode, root, node, main, address, kubeconfig }: PlaygroundOptions): string[] {
  const failing = quoted(`${root}/examples/failing.yaml`);
  const last =
    mode === LabMode.Real
      ? 'temporal-spark retry failing --set spec.mainClass=org.apache.spark.examples.SparkPi --follow  # repaired'
      : 'temporal-spark doctor                        # checks Temporal, rights, nodes and workers';
  return [
    '',
    '  Paste these two lines into another terminal:',
    '',
    `export TEMPORAL_ADDRESS=${address} KUBECONFIG=${quoted(kubeconfig)}`,
    `temporal-spark() { ${quoted(node)} ${quoted(main)} "$@"; }`,
    '',
    '  Then try:',
    '',
    'temporal-spark list',
    'temporal-spark describe spark-pi',
    `temporal-spark run ${failing} --follow  # fails: its cause in one line, and what to do`,
    'temporal-spark describe failing',
    last,
    '',
  ];
}

const quoted = (text: string): string =>
  /^[\w/.:@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
