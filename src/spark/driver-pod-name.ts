/** The fields that decide the driver pod's name; of a manifest as written or of a checked application. */
interface Named {
  readonly metadata: { readonly name?: string };
  readonly spec: {
    readonly driver: { readonly podName?: string };
    readonly sparkConf?: Readonly<Record<string, string>>;
  };
}

/** `spec.driver.podName`, else `spark.kubernetes.driver.pod.name` of `spec.sparkConf`, else `<name>-driver`. */
export function driverPodName({ metadata, spec }: Named): string {
  return spec.driver.podName ?? spec.sparkConf?.['spark.kubernetes.driver.pod.name'] ?? `${metadata.name ?? ''}-driver`;
}
