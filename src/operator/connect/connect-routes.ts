import {
  isKubernetesError,
  KubernetesErrorType,
  Resources,
  type CustomObject,
  type KubernetesClient,
  type KubernetesError,
} from '../../kubernetes/index.ts';
import { ConnectAnnotation, serverName, type SparkConnect } from '../../manifest/index.ts';
import { connectRoute } from '../../spark/index.ts';
import type { OperatorLog } from '../operator-options.ts';
import { keyOf } from '../resource.ts';
import { Warnings } from '../warnings.ts';
import { shownRoute, type RouteFacts } from './connect-status.ts';
import type { OwnedObjects } from './owned-objects.ts';
import { Ownership } from './ownership.ts';

const kinds = [Resources.ingresses, Resources.grpcRoutes] as const;

/** Refusals that last until rights, policies, the cluster or the session change, and what to do about each. */
const remedies: Readonly<Partial<Record<KubernetesErrorType, string>>> = {
  [KubernetesErrorType.Forbidden]: '; set applications.rights.ingresses: true in the chart',
  [KubernetesErrorType.NotServed]: '; install the Gateway API',
  [KubernetesErrorType.AdmissionDenied]: '',
  [KubernetesErrorType.Invalid]: '',
  [KubernetesErrorType.BadRequest]: '',
};

/** The Ingresses and GRPCRoutes of sessions. A session without one is served all the same. */
export class ConnectRoutes {
  private readonly owned: OwnedObjects;
  private readonly warnings: Warnings;

  constructor(kubernetes: KubernetesClient, owned: OwnedObjects, log: OperatorLog) {
    this.owned = owned;
    this.warnings = new Warnings(kubernetes, Resources.sparkConnects, log);
  }

  /**
   * Makes the route of a session what its annotations state.
   *
   * @returns what its status shows
   * @throws KubernetesError where that may pass
   */
  async reconcile(session: CustomObject, connect: SparkConnect): Promise<RouteFacts> {
    const { namespace = '', name = '', uid = '' } = session.metadata ?? {};
    const route = connectRoute(connect);
    const shown = shownRoute(session.status);
    const old = kinds.filter(({ kind }) => kind !== route?.kind);
    for (const kind of old) {
      const wasWritten = this.owned.hasWritten(kind, namespace, serverName(name));
      if (!wasWritten && shown?.kind !== kind.kind) continue;
      const left = await refusalOf(this.owned.remove(kind, serverName(name), session));
      if (left === undefined || !(wasWritten || shown?.isExposed === true)) continue;
      const message = `cannot delete ${kind.kind} ${serverName(name)}, which the session no longer has: ${left.message}`;
      await this.warnings.record({ namespace, name, uid }, { reason: 'StillExposed', message });
    }
    const address = connect.metadata.annotations[ConnectAnnotation.Address];
    if (route === undefined || address === undefined) {
      this.over(keyOf({ namespace, name }));
      return { kind: 'none' };
    }
    const kind = route.kind as 'Ingress' | 'GRPCRoute';
    const fault = await this.write(session, route);
    if (fault === undefined) this.over(keyOf({ namespace, name }));
    else await this.warnings.record({ namespace, name, uid }, { reason: 'NotExposed', message: fault });
    return fault === undefined ? { kind, address } : { kind, fault };
  }

  /** The session has no fault, or no longer exists. */
  over(key: string): void {
    this.warnings.over(key);
  }

  /** @returns why the route is not there */
  private async write(
    session: CustomObject,
    route: NonNullable<ReturnType<typeof connectRoute>>,
  ): Promise<string | undefined> {
    const what = `${route.kind} ${route.metadata?.name}`;
    let ownership: Ownership | undefined;
    const refusal = await refusalOf(
      this.owned.write(route, session, route.kind === 'Ingress' ? { tls: null } : {}).then((is) => (ownership = is)),
    );
    if (refusal !== undefined) return `cannot write ${what}: ${refusal.message}${remedies[refusal.type]}`;
    if (ownership === Ownership.Own) return undefined;
    return ownership === Ownership.Previous
      ? `${what} of a previous session is being deleted`
      : `${what} exists and does not belong to the session; delete it`;
  }
}

/** @throws any other error */
async function refusalOf(call: Promise<unknown>): Promise<KubernetesError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (isKubernetesError(error) && error.type in remedies) return error;
    throw error;
  }
}
