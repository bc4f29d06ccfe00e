/**
 * Records what the real spark-submit sends to an API server: `node test/component/golden/record.ts [version…] [scenario…]`, all
 * of them where none is named. With `--check`, compares to the recordings instead of replacing them, and submits all of a
 * version in one JVM. Needs Java 17, pip and a Python package index; no cluster.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { sparkHome } from '../../../lab/spark-home.ts';
import { record, recordingFile } from './recording.ts';
import { startRecordingStub } from './recording-stub.ts';
import { recordedVersions, scenarios } from './scenarios.ts';
import { startSparkSubmitJvm } from './spark-submit-jvm.ts';

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const check = process.argv.includes('--check');
const known = new Set<string>([...recordedVersions, ...Object.keys(scenarios)]);
for (const name of names) if (!known.has(name)) throw new Error(`${name} is neither a recorded version nor a scenario`);

const chosen = <T extends string>(all: readonly T[]): readonly T[] => {
  const some = all.filter((name) => names.includes(name));
  return some.length > 0 ? some : all;
};

await using stub = await startRecordingStub();
for (const version of chosen(recordedVersions)) {
  await mkdir(new URL('.', recordingFile(version, 'x')), { recursive: true });
  await using jvm = check ? await startSparkSubmitJvm(await sparkHome(version)) : undefined;
  for (const name of chosen(Object.keys(scenarios))) {
    const file = recordingFile(version, name);
    try {
      const recording = await record(stub, version, scenarios[name]!, jvm?.submit);
      if (!check) await writeFile(file, `${JSON.stringify(recording, null, 1)}\n`);
      else if (!isDeepStrictEqual(JSON.parse(await readFile(file, 'utf8')), recording)) throw new Error('it differs');
      console.log(`${version} ${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.error(`${version} ${name}: ${(error as Error).message}`);
    }
  }
}
