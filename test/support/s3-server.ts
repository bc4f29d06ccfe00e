import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { eventually } from '../../lab/eventually.ts';
import { freePort } from '../../lab/ports.ts';
import { dieWithParent } from '../../lab/process.ts';
import { ensureTools } from '../../lab/toolchain/toolchain.ts';
import { tools } from '../../lab/toolchain/tools.ts';

export const BUCKET = 'logs';

/** Credentials as every client of AWS finds them in the environment. */
export const S3_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'a secret of the tests' } as const;

/** A real S3 server over a directory of its own, with the bucket `logs`. */
export interface S3Server extends AsyncDisposable {
  /** Of the bucket: what is stored in it is files. */
  readonly directory: string;
  /** Of an archive in the bucket. */
  readonly archiveUrl: string;
  /** Kills the server; what it has stored stays. */
  stop(): Promise<void>;
  /** After a stop, at the same address. */
  start(): Promise<void>;
}

export async function startS3Server(): Promise<S3Server> {
  const [binary] = await ensureTools([tools.versitygw]);
  const directory = await mkdtemp(join(tmpdir(), 's3-server-'));
  const [data, metadata] = [join(directory, 'data'), join(directory, 'metadata')];
  await Promise.all([mkdir(join(data, BUCKET), { recursive: true }), mkdir(metadata)]);
  const port = await freePort();
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = S3_CREDENTIALS;
  let stopServer = async (): Promise<void> => {};
  const start = async () => {
    const own = [
      '--port',
      `127.0.0.1:${port}`,
      '--quiet',
      '--access',
      AWS_ACCESS_KEY_ID,
      '--secret',
      AWS_SECRET_ACCESS_KEY,
    ];
    // Metadata in files: not every file system has extended attributes.
    const [program = '', ...args] = [...dieWithParent(), binary!, ...own, 'posix', '--sidecar', metadata, data];
    const server = execa(program, args, { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore', reject: false });
    stopServer = async () => {
      server.kill('SIGKILL');
      await server;
    };
    await eventually(
      'the S3 server',
      async (signal) => (await fetch(`http://127.0.0.1:${port}/`, { signal })).status > 0,
    );
  };
  const stop = () => stopServer();
  await start();
  return {
    directory: join(data, BUCKET),
    archiveUrl: `s3://${BUCKET}/spark?endpoint=http://127.0.0.1:${port}`,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
