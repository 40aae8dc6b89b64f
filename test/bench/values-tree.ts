/** A generated values file: what it is before, what it must be after, and where its image stands. */
export interface ValuesFile {
  readonly path: string;
  readonly repository: string;
  readonly before: string;
  readonly expected: string;
  /** For an editor that must be told. */
  readonly keyPath: readonly (string | number)[];
  /** What it must write there. */
  readonly value: string;
}

interface Shape {
  readonly lines: (repository: string, digest: string) => readonly string[];
  readonly keyPath: readonly (string | number)[];
  readonly value: (repository: string, digest: string) => string;
}

const whole = (repository: string, digest: string) => `${repository}@${digest}`;

/** The shapes that values files mostly have, with the comments, quotes and anchors that people leave in them. */
const SHAPES: readonly Shape[] = [
  {
    lines: (repository, digest) => [
      'image:',
      `  ref: ${whole(repository, digest)} # moved by promotion`,
      '  pullPolicy: IfNotPresent',
    ],
    keyPath: ['image', 'ref'],
    value: whole,
  },
  {
    lines: (repository, digest) => [`image: "${whole(repository, digest)}"`],
    keyPath: ['image'],
    value: whole,
  },
  {
    lines: (repository, digest) => [
      'image: &image',
      `  repository: ${repository}`,
      `  digest: '${digest}'`,
      'migrations:',
      '  image: *image',
    ],
    keyPath: ['image', 'digest'],
    value: (_repository, digest) => digest,
  },
  {
    lines: (repository, digest) => [
      'containers:',
      '  - name: app',
      `    image:   ${whole(repository, digest)}`,
      '    args: [ "--verbose",  "--port=8080" ]',
    ],
    keyPath: ['containers', 0, 'image'],
    value: whole,
  },
];

/** Every file carries one reference that changes: no editor gains by skipping files. */
export function valuesTree(
  count: number,
  services: readonly string[],
  digests: { readonly from: string; readonly to: string },
): readonly ValuesFile[] {
  return Array.from({ length: count }, (_, index) => {
    const repository = services[index % services.length] ?? '';
    const shape = SHAPES[index % SHAPES.length] as Shape;
    const newline = index % 7 === 0 ? '\r\n' : '\n';
    const text = (digest: string) =>
      `${[...head(index), ...shape.lines(repository, digest), ...tail(index)].join(newline)}${newline}`;
    return {
      path: `sources/values/env/dev/team-${index % 20}/service-${index}.yaml`,
      repository,
      before: text(digests.from),
      expected: text(digests.to),
      keyPath: shape.keyPath,
      value: shape.value(repository, digests.to),
    };
  });
}

function head(index: number): readonly string[] {
  return [
    `# Values of service ${index}; the platform team answers for them.`,
    'defaults: &defaults',
    '    requests: {cpu: 100m,   memory: 128Mi}',
    `    limits: { memory: "${256 + (index % 4) * 128}Mi" }`,
    '',
    `nameOverride: service-${index}`,
    `replicaCount: ${1 + (index % 5)}`,
  ];
}

function tail(index: number): readonly string[] {
  const variables = Array.from({ length: 8 }, (_, number) => [
    `  - name: SETTING_${number}`,
    `    value: "${index * 31 + number}"`,
  ]);
  return [
    'service: {type: ClusterIP, port: 80}',
    'ingress:',
    '  enabled: yes',
    '  hosts:',
    `    - host: service-${index}.example.com   # public`,
    "      paths: [ '/', '/health' ]",
    'resources:',
    '  <<: *defaults',
    'env:',
    ...variables.flat(),
    'description: >-',
    '  A service that does one thing,',
    '  and says so in two lines.',
    '',
    'probes:',
    '  liveness: {path: /livez, periodSeconds: 10}',
    '  readiness:   {path: /readyz, periodSeconds: 5}',
  ];
}
