import { chmod, copyFile, cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { cachedLayer, type Layer, type LayerOptions } from './layer.ts';

const files = join(import.meta.dirname, 'files');
const examples = join(import.meta.dirname, 'examples');

/**
 * Spark of that version as PyPI's pyspark holds it, the entrypoint, and a jar with our examples. Needs pip and a Python
 * package index; compiles with the Java of the base layer.
 */
export async function sparkLayer(version: string, base: Layer, options: LayerOptions = {}): Promise<Layer> {
  return cachedLayer(
    `spark-${version}`,
    [
      await readFile(import.meta.filename, 'utf8'),
      process.arch,
      ...(await contents(files)),
      ...(await contents(examples)),
    ],
    async (directory, archive) => {
      const { signal } = options;
      const root = join(directory, 'root');
      await mkdir(root);
      await runCommand('tar', ['-C', root, '-xf', base.file], { signal });
      const spark = join(root, 'opt', 'spark');
      await unpackSpark(version, directory, spark, signal);
      for (const file of await readdir(files)) {
        await copyFile(join(files, file), join(root, 'opt', file));
        await chmod(join(root, 'opt', file), 0o755);
      }
      await mkdir(join(spark, 'work-dir'));
      await chmod(join(spark, 'work-dir'), 0o775);
      await compileExamples(root, signal);
      const owner = ['--numeric-owner', '--owner=0', '--group=0'];
      await runCommand('tar', ['-C', root, ...owner, '-cf', archive, './opt'], { signal });
    },
    options,
  );
}

/** The source distribution has Spark in folders of its own; they get the places they have in a Spark release. */
async function unpackSpark(
  version: string,
  directory: string,
  spark: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const download = join(directory, 'download');
  const source = join(directory, 'source');
  const pip = ['download', '--quiet', '--no-deps', '--no-binary', 'pyspark', '--dest', download, `pyspark==${version}`];
  await runCommand('pip3', pip, { signal });
  await mkdir(source);
  await mkdir(join(spark, 'examples', 'src', 'main'), { recursive: true });
  await mkdir(join(spark, 'python'));
  const [sdist] = await readdir(download);
  await runCommand('tar', ['-C', source, '--strip-components=1', '-xf', join(download, sdist as string)], { signal });
  for (const [from, to] of [
    ['deps/bin', 'bin'],
    ['deps/sbin', 'sbin'],
    ['deps/jars', 'jars'],
    ['deps/data', 'data'],
    ['deps/licenses', 'licenses'],
    ['deps/examples', 'examples/src/main/python'],
    ['pyspark', 'python/pyspark'],
    ['lib', 'python/lib'],
    ['LICENSE', 'LICENSE'],
    ['NOTICE', 'NOTICE'],
  ] as const) {
    await rename(join(source, from), join(spark, to));
  }
  for (const file of await readdir(join(spark, 'bin'))) {
    if (file.endsWith('.cmd')) await rm(join(spark, 'bin', file));
  }
}

/** Puts them where Spark's own image has its examples. A JRE holds the compiler's modules, if not its commands. */
async function compileExamples(root: string, signal: AbortSignal | undefined): Promise<void> {
  const build = join(root, 'tmp', 'build');
  await cp(examples, build, { recursive: true });
  await mkdir(join(root, 'opt/spark/examples/jars'));
  const sources = (await readdir(build)).map((file) => `/tmp/build/${file}`);
  const jars = (await readdir(join(root, 'opt/spark/jars'))).map((file) => `/opt/spark/jars/${file}`);
  await runJava(
    root,
    // The option lets OutOfMemory use sun.misc.Unsafe without a warning.
    [
      'jdk.compiler/com.sun.tools.javac.Main',
      '-XDignore.symbol.file',
      '-cp',
      jars.join(':'),
      '-d',
      '/tmp/build/classes',
    ],
    sources,
    signal,
  );
  const jar = '/opt/spark/examples/jars/spark-examples.jar';
  await runJava(
    root,
    ['jdk.jartool/sun.tools.jar.Main', '--create', '--file', jar],
    ['-C', '/tmp/build/classes', '.'],
    signal,
  );
}

/** Java finds its libraries by way of /proc, which is mounted for this one command. */
async function runJava(
  root: string,
  program: readonly string[],
  operands: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const script = 'mount -t proc proc "$0/proc" && exec chroot "$0" java -m "$@"';
  await runCommand('unshare', ['--mount', 'sh', '-c', script, root, ...program, ...operands], { signal });
}

async function contents(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).toSorted();
  return Promise.all(names.map(async (name) => `${name}\n${await readFile(join(directory, name), 'utf8')}`));
}
