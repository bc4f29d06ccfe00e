import { InvalidArgumentError, Option, type Command } from 'commander';
import type { SubmitterServerOptions } from './submitter-server.ts';
import type { ExitCode } from '../../exit-code.ts';

/** `temporal-spark submitter-server`. */
export function addSubmitterServerCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('submitter-server')
    .description(
      'submit for the Kubeflow operator, which stays: serves its REST submitter protocol, POST /api/v1/spark-submit, until SIGINT or SIGTERM; needs no Temporal',
    )
    .addOption(
      new Option('--listen <host:port>', 'where submissions are taken')
        .argParser(address)
        .default({ host: '0.0.0.0', port: 8080 }, '0.0.0.0:8080'),
    )
    .option('--tls-cert <file>', 'certificate of the server, PEM; read anew when it changes (default: plain HTTP)')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--client-ca <file>', 'authorities of clients, PEM: a client has to show a certificate of theirs')
    .option('--health-address <host:port>', 'where /readyz and /livez are served (default: nowhere)', address)
    .option('--metrics-address <host:port>', 'where /metrics is served, for Prometheus (default: nowhere)', addressText)
    .option('--max-concurrent <n>', 'submissions at once; one more is answered 503', positive, 64)
    .option('--max-body-kib <n>', 'longest request; a longer one is answered 413', positive, 1024)
    .option('--deadline-seconds <n>', "time for one request; less than the operator's, which is 120", positive, 60)
    .option('--drain-seconds <n>', 'time for submissions under way when it is told to stop', positive, 20)
    .option('--spark-version <X.Y.Z>', 'Spark in images whose tag does not begin with it (docs/submitter-server.md)')
    .option('--spark-defaults <file>', 'the spark-defaults.conf for submissions with --load-spark-defaults')
    .addOption(
      new Option('--kube-context <name>', 'context of the kubeconfig (default: its current one)').env(
        'TEMPORAL_SPARK_KUBE_CONTEXT',
      ),
    )
    .addOption(new Option('--log-format <format>', 'how to log').choices(['text', 'json']).default('text'))
    .action(async (options: SubmitterServerOptions) =>
      end(await (await import('./submitter-server.ts')).submitterServer(options)),
    );
}

function address(text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]\s]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) {
    throw new InvalidArgumentError('Give host:port, for example 0.0.0.0:8080.');
  }
  return { host, port: Number(port) };
}

function addressText(text: string): string {
  address(text);
  return text;
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number, at least 1.');
  return Number(text);
}
