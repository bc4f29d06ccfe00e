import type { Volume } from '../../kubernetes/objects.ts';
import type { DriverSurroundings } from '../driver/surroundings.ts';

/** An event log that no other pod can read. */
export class EventLogLost extends Error {
  override readonly name = 'EventLogLost';
  /** `spark.eventLog.dir`. */
  readonly dir: string;

  constructor(dir: string) {
    super(
      `The event log was written to ${dir}, which is not on a volume that outlives the driver pod. For the next run, set ` +
        'spark.eventLog.dir to an object store, HDFS, or a directory on a volume that the driver mounts.',
    );
    this.dir = dir;
  }
}

/** As Spark's driver reads the directory: without a scheme it is local. The history server would ask its default file system. */
export const eventLogUri = (dir: string): string => (/^[a-z][a-z0-9+.-]*:/i.test(dir) ? dir : `file:${dir}`);

/**
 * The volume that has the directory; undefined where that is not local.
 *
 * @param dir a URI
 * @throws EventLogLost where it is local, and on none of these volumes, or on one that is new in each pod
 */
export function eventLogVolume(dir: string, { container, volumes }: DriverSurroundings): Volume | undefined {
  if (!/^file:/i.test(dir)) return undefined;
  const path = dir.replace(/^file:(?:\/\/[^/]*)?/i, '');
  const isBelow = (mountPath: string) => `${path}/`.startsWith(mountPath.endsWith('/') ? mountPath : `${mountPath}/`);
  const [mount] = (container.volumeMounts ?? [])
    .filter(({ mountPath }) => isBelow(mountPath))
    .toSorted((one, other) => other.mountPath.length - one.mountPath.length);
  const volume = volumes.find(({ name }) => name === mount?.name);
  if (volume === undefined || volume.emptyDir !== undefined) throw new EventLogLost(dir);
  return volume;
}
