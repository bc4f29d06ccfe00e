import { aboutObject, Resources, type ObjectEvent } from '../kubernetes/index.ts';
import type { NamedResource } from './warnings.ts';

/** The Event of a SparkApplication that is new; replicas make one. */
export function addedEvent(resource: NamedResource): ObjectEvent {
  return {
    about: aboutObject(Resources.sparkApplications, resource),
    ...{ type: 'Normal', reason: 'SparkApplicationAdded', by: 'operator', once: true },
    message: `SparkApplication ${resource.name} was added, enqueuing it for submission`,
  };
}
