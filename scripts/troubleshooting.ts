/**
 * `node scripts/troubleshooting.ts`: writes the table of docs/troubleshooting.md that comes from
 * src/protocol/failure-remedies.ts. A test compares them.
 *
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { CauseKind, remedies } from '../src/protocol/index.ts';

export const troubleshootingFile: string = join(import.meta.dirname, '..', 'docs', 'troubleshooting.md');

const BEGIN = '<!-- causes: written by scripts/troubleshooting.ts -->';
const END = '<!-- end of causes -->';

/** An example of what `describe` shows. */
const examples: Readonly<Record<CauseKind, string>> = {
  [CauseKind.ClassNotFound]: 'java.lang.ClassNotFoundException: org.postgresql.Driver',
  [CauseKind.ConnectionRefused]: 'java.net.ConnectException: Connection refused',
  [CauseKind.ContainerOutOfMemory]: "The driver's container exceeded its memory limit and was killed (OOMKilled).",
  [CauseKind.DiskFull]: 'java.io.IOException: No space left on device',
  [CauseKind.ExecutorKilled]:
    'ExecutorLostFailure (executor 1 exited …) … exit code 137(SIGKILL, possible container OOM)',
  [CauseKind.FileNotFound]: "can't open file '/opt/app/missing.py': [Errno 2] No such file or directory",
  [CauseKind.JavaHeapSpace]: 'java.lang.OutOfMemoryError: Java heap space',
  [CauseKind.JavaVersion]:
    'java.lang.UnsupportedClassVersionError: com/acme/Orders has been compiled by a more recent …',
  [CauseKind.KubernetesForbidden]:
    '… pods "orders-driver" is forbidden: User "system:serviceaccount:etl:default" cannot get …',
  [CauseKind.MainClassNotFound]: 'Failed to load class com.acme.Orders.',
  [CauseKind.Metaspace]: 'java.lang.OutOfMemoryError: Metaspace',
  [CauseKind.ModuleNotFound]: "ModuleNotFoundError: No module named 'pandas'",
  [CauseKind.NoFileSystem]: 'java.lang.ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found',
  [CauseKind.OutputExists]: '… [PATH_ALREADY_EXISTS] Path s3a://orders/out already exists.',
  [CauseKind.PathNotFound]: 'AnalysisException: [PATH_NOT_FOUND] Path does not exist: s3a://orders/2026-11-30.',
  [CauseKind.ResultTooLarge]: '… Total size of serialized results … is bigger than spark.driver.maxResultSize',
  [CauseKind.StorageAccessDenied]: '… Forbidden (Service: Amazon S3; Status Code: 403; …)',
  [CauseKind.SubmitArguments]: 'Unrecognized option: --mastre',
  [CauseKind.Terminated]: 'The driver was terminated by SIGTERM (exit code 143).',
  [CauseKind.UnknownHost]: 'java.net.UnknownHostException: metastore',
};

function table(): string {
  const rows = Object.values(CauseKind).map((kind) => `| \`${kind}\` | \`${examples[kind]}\` | ${remedies[kind]} |`);
  return ['| kind | example | what to do |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The page with the table as it must be. */
export async function renderTroubleshooting(page: string): Promise<string> {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before)
    throw new Error(`docs/troubleshooting.md has no place for the causes: ${BEGIN} … ${END}`);
  const written = `${page.slice(0, before)}${BEGIN}\n\n${table()}\n\n${page.slice(after)}`;
  return format(written, { ...(await resolveConfig(troubleshootingFile)), parser: 'markdown' });
}

if (import.meta.filename === process.argv[1]) {
  await writeFile(troubleshootingFile, await renderTroubleshooting(await readFile(troubleshootingFile, 'utf8')));
}
