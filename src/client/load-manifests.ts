import type * as Manifests from '../manifest/index.ts';

/**
 * Loaded by what checks a manifest. A program that only reads does without the schemas: they take half of the time in
 * which `temporal-spark list` starts.
 */
export const loadManifests = (): Promise<typeof Manifests> => import('../manifest/index.ts');
