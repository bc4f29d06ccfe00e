import type { StepOptions } from '../step.ts';
import type { Image } from './image.ts';
import { baseLayer, sparkLayer } from './layer.ts';

/** What containerd runs to hold a pod's namespaces. */
export const pauseImageReference = 'localhost/temporal-spark/pause:1';

/** The tags of the official image that the documents and examples name: this one has Python either way. */
const TAG_SUFFIXES = ['', '-python3'] as const;

/** The name of the official image, so that a manifest written for it runs in a lab as it is. */
export function sparkImageReference(version: string, suffix: (typeof TAG_SUFFIXES)[number] = ''): string {
  return `docker.io/library/spark:${version}${suffix}`;
}

/** The images of a real lab, built where the cache does not hold their layers. */
export async function labImages(sparkVersions: readonly string[], options: StepOptions): Promise<Image[]> {
  const base = await baseLayer(options);
  const images: Image[] = [
    {
      reference: pauseImageReference,
      layers: [base],
      // Waits for SIGTERM and reaps orphans, with what the base layer has anyway.
      entrypoint: ['/usr/bin/tini', '--', '/bin/sleep', 'infinity'],
      env: { PATH: path },
    },
  ];
  for (const version of sparkVersions) {
    const image = {
      layers: [base, await sparkLayer(version, base, options)],
      entrypoint: ['/opt/entrypoint.sh'],
      env: { PATH: `${path}:/opt/spark/bin`, JAVA_HOME: javaHome(), SPARK_HOME: '/opt/spark' },
      user: 'spark',
      workingDirectory: '/opt/spark/work-dir',
    };
    images.push(...TAG_SUFFIXES.map((suffix) => ({ reference: sparkImageReference(version, suffix), ...image })));
  }
  return images;
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function javaHome(): string {
  return `/usr/lib/jvm/java-17-openjdk-${process.arch === 'x64' ? 'amd64' : process.arch}`;
}
