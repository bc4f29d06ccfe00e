import { execa } from 'execa';
import { expect, it } from 'vitest';
import { labImages, sparkImageReference } from '../../lab/image/images.ts';

const SPARK = '4.1.4';

/** Of the official image `spark`, as its Dockerfile makes it: mode, owner and path of what applications rely on. */
const OFFICIAL = [
  'drwxr-xr-x 185/185 ./opt/spark/',
  'drwxrwxr-x 185/185 ./opt/spark/work-dir/',
  'drwxr-xr-x 185/185 ./opt/spark/jars/',
  'drwxr-xr-x 185/185 ./opt/spark/python/',
  'drwxr-xr-x 185/185 ./opt/spark/examples/',
  '-rwxr-xr-x 185/185 ./opt/spark/bin/spark-submit',
  '-rwxr-xr-x 0/0 ./opt/entrypoint.sh',
  '-rwxr-xr-x 0/0 ./opt/decom.sh',
];

it("the lab's image of Spark has the user, the owners and the modes of the official one", async () => {
  const images = await labImages([SPARK], {});
  const image = images.find(({ reference }) => reference === sparkImageReference(SPARK))!;
  expect(image).toMatchObject({
    user: 'spark',
    workingDirectory: '/opt/spark/work-dir',
    entrypoint: ['/opt/entrypoint.sh'],
    env: { SPARK_HOME: '/opt/spark' },
  });
  const layer = image.layers.at(-1)!.file;
  const { stdout } = await execa('tar', ['--list', '--verbose', '--numeric-owner', '--file', layer]);
  const entries = stdout.split('\n').map((line) => {
    const [mode, owner, _size, _day, _time, path] = line.split(/ +/);
    return `${mode} ${owner} ${path}`;
  });
  expect(entries).toEqual(expect.arrayContaining(OFFICIAL));
  const passwd = await execa('tar', ['--extract', '--to-stdout', '--file', layer, './etc/passwd', './etc/group']);
  expect(passwd.stdout).toMatch(/^spark:x:185:185:/m);
  expect(passwd.stdout).toMatch(/^spark:x:185:/m);
});
