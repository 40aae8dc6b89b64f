/** Fields of custom resources that hold one whole image reference, by API group and kind. */
export interface ResourceFields {
  readonly group: string;
  /** `*` for every kind of the group. */
  readonly kind: string;
  /** Dotted from the object's root; `[]` stands for any item of a list. */
  readonly fields: readonly string[];
  /** The operator reads a version from the tag, so that a digest must not stand alone. */
  readonly needsTag?: boolean;
}

/**
 * The operators' fields, from their published schemas. Fields under `containers` and friends need no entry; scalars under
 * another `image` key are found, too, when they carry a tag or digest.
 */
export const RESOURCE_FIELDS: readonly ResourceFields[] = [
  // CloudNativePG takes PostgreSQL's major version from the tag (cloudnative-pg documentation, "Container images").
  { group: 'postgresql.cnpg.io', kind: 'Cluster', fields: ['spec.imageName'], needsTag: true },
  { group: 'postgresql.cnpg.io', kind: 'ImageCatalog', fields: ['spec.images[].image'] },
  { group: 'postgresql.cnpg.io', kind: 'ClusterImageCatalog', fields: ['spec.images[].image'] },
  { group: 'grafana.integreatly.org', kind: 'Grafana', fields: ['spec.version'] },
  { group: 'operators.coreos.com', kind: 'CatalogSource', fields: ['spec.image'] },
  { group: 'minio.min.io', kind: 'Tenant', fields: ['spec.image', 'spec.kes.image'] },
  { group: 'rabbitmq.com', kind: 'RabbitmqCluster', fields: ['spec.image'] },
  { group: 'core.humio.com', kind: 'HumioCluster', fields: ['spec.image', 'spec.helperImage'] },
  { group: 'dragonflydb.io', kind: 'Dragonfly', fields: ['spec.image'] },
  {
    group: 'kafka.strimzi.io',
    kind: '*',
    fields: [
      'spec.image',
      'spec.kafka.image',
      'spec.zookeeper.image',
      'spec.entityOperator.topicOperator.image',
      'spec.entityOperator.userOperator.image',
      'spec.kafkaExporter.image',
      'spec.cruiseControl.image',
    ],
  },
  { group: 'elasticsearch.k8s.elastic.co', kind: '*', fields: ['spec.image'] },
  { group: 'kibana.k8s.elastic.co', kind: '*', fields: ['spec.image'] },
  { group: 'beat.k8s.elastic.co', kind: '*', fields: ['spec.image'] },
  { group: 'agent.k8s.elastic.co', kind: '*', fields: ['spec.image'] },
  { group: 'logstash.k8s.elastic.co', kind: '*', fields: ['spec.image'] },
  { group: 'apm.k8s.elastic.co', kind: '*', fields: ['spec.image'] },
  { group: 'enterprisesearch.k8s.elastic.co', kind: '*', fields: ['spec.image'] },
  { group: 'k8s.keycloak.org', kind: 'Keycloak', fields: ['spec.image'] },
  {
    group: 'monitoring.coreos.com',
    kind: '*',
    fields: ['spec.image', 'spec.thanos.image'],
  },
  { group: 'opentelemetry.io', kind: 'OpenTelemetryCollector', fields: ['spec.image'] },
  {
    group: 'opentelemetry.io',
    kind: 'Instrumentation',
    fields: [
      'spec.java.image',
      'spec.nodejs.image',
      'spec.python.image',
      'spec.dotnet.image',
      'spec.go.image',
      'spec.apacheHttpd.image',
      'spec.nginx.image',
    ],
  },
  { group: 'ceph.rook.io', kind: 'CephCluster', fields: ['spec.cephVersion.image'] },
  { group: 'trident.netapp.io', kind: '*', fields: ['spec.tridentImage', 'spec.autosupportImage'] },
  { group: 'acid.zalan.do', kind: 'postgresql', fields: ['spec.dockerImage', 'spec.sidecars[].image'] },
  { group: 'acid.zalan.do', kind: 'OperatorConfiguration', fields: ['configuration.docker_image'] },
  {
    group: 'redis.redis.opstreelabs.in',
    kind: '*',
    fields: ['spec.kubernetesConfig.image', 'spec.redisExporter.image'],
  },
  { group: 'databases.spotahome.com', kind: 'RedisFailover', fields: ['spec.redis.image', 'spec.sentinel.image'] },
  {
    group: 'postgres-operator.crunchydata.com',
    kind: 'PostgresCluster',
    fields: ['spec.image', 'spec.backups.pgbackrest.image', 'spec.proxy.pgBouncer.image'],
  },
  { group: 'pkg.crossplane.io', kind: '*', fields: ['spec.package'] },
  {
    group: 'kubevirt.io',
    kind: '*',
    fields: ['spec.template.spec.volumes[].containerDisk.image', 'spec.volumes[].containerDisk.image'],
  },
  {
    group: 'argoproj.io',
    kind: '*',
    fields: [
      'spec.templates[].container.image',
      'spec.templates[].script.image',
      'spec.templates[].sidecars[].image',
      'spec.workflowSpec.templates[].container.image',
      'spec.workflowSpec.templates[].script.image',
      'spec.workflowSpec.templates[].sidecars[].image',
    ],
  },
  {
    group: 'tekton.dev',
    kind: '*',
    fields: [
      'spec.steps[].image',
      'spec.sidecars[].image',
      'spec.stepTemplate.image',
      'spec.tasks[].taskSpec.steps[].image',
      'spec.tasks[].taskSpec.sidecars[].image',
      'spec.pipelineSpec.tasks[].taskSpec.steps[].image',
      'spec.taskSpec.steps[].image',
    ],
  },
];
