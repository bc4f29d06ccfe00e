import type { Image } from '../image/image.ts';
import { labImages } from '../image/images.ts';
import { runStep, type StepOptions } from '../step.ts';
import { containerdTemplate } from './containerd-store.ts';
import { installPackages, missingPackages } from './packages.ts';

export const DEFAULT_SPARK_VERSIONS: readonly string[] = ['4.1.4'];

export interface PrepareRealOptions extends StepOptions {
  /** @default ["4.1.4"] */
  readonly sparkVersions?: readonly string[];
}

export interface PreparedReal {
  readonly images: readonly Image[];
  /** Directory of a containerd in which they are unpacked. */
  readonly template: string;
}

/**
 * Prepares what a real lab needs besides its programs, which takes minutes the first time: Debian packages, which
 * are named as they are installed, and the images. Needs root; once done it takes no time.
 */
export async function prepareReal(options: PrepareRealOptions = {}): Promise<PreparedReal> {
  const { sparkVersions = DEFAULT_SPARK_VERSIONS, signal } = options;
  const missing = await missingPackages();
  if (missing.length > 0) {
    await runStep(`install Debian packages ${missing.join(', ')}`, () => installPackages(missing, signal), options);
  }
  const images = await labImages(sparkVersions, options);
  return { images, template: await containerdTemplate(images, options) };
}
