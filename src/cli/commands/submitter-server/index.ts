import { InvalidArgumentError, Option, type Command } from 'commander';
import { kubeContextFlag, logFormatFlag, wholeNumber, type CommandContext } from '../../flags.ts';
import type { Address } from './start-submitter-server.ts';
import type { SubmitterServerFlags } from './submitter-server.ts';

export function declareSubmitterServer(program: Command, { end }: CommandContext): void {
  program
    .command('submitter-server')
    .summary('Serve the submitter protocol of the Kubeflow operator')
    .description(
      'Serve the REST submitter protocol of the Kubeflow operator (POST /api/v1/spark-submit) until SIGINT or SIGTERM; needs no Temporal',
    )
    .addOption(
      new Option('--listen <host:port>', 'Address for submissions')
        .argParser(address)
        .default({ host: '0.0.0.0', port: 8080 }, '0.0.0.0:8080'),
    )
    .option('--tls-cert <file>', 'Certificate of the server, PEM; re-read when it changes (default: plain HTTP)')
    .option('--tls-key <file>', 'Private key of the server, PEM')
    .option('--client-ca <file>', 'Certificate authorities, PEM; clients must present a certificate issued by one')
    .option('--health-address <host:port>', 'Address for /readyz and /livez (default: none)', address)
    .option('--metrics-address <host:port>', 'Address for Prometheus /metrics (default: none)', addressText)
    .option('--max-concurrent <n>', 'Concurrent submissions; more are answered with 503', wholeNumber(1), 64)
    .option('--max-body-kib <n>', 'Maximum size of a request; a larger one is answered with 413', wholeNumber(1), 1024)
    .option('--deadline-seconds <n>', 'Timeout of a request; below the 120 s of the operator', wholeNumber(1), 60)
    .option('--drain-seconds <n>', 'Time for running submissions to end after SIGTERM', wholeNumber(1), 20)
    .option(
      '--spark-version <X.Y.Z>',
      'Spark version of images whose tag does not start with it (docs/submitter-server.md)',
    )
    .option('--spark-defaults <file>', 'spark-defaults.conf for submissions with --load-spark-defaults')
    .addOption(kubeContextFlag())
    .addOption(logFormatFlag())
    .action(async (flags: SubmitterServerFlags) => {
      const { submitterServer } = await import('./submitter-server.ts');
      end(await submitterServer(flags));
    });
}

function address(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]\s]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) {
    throw new InvalidArgumentError('It must be host:port, for example 0.0.0.0:8080.');
  }
  return { host, port: Number(port) };
}

function addressText(text: string): string {
  address(text);
  return text;
}
