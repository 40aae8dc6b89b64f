/** How bad a finding is, as SARIF's levels and GitHub's annotations know it (`notice` there). */
export type Severity = 'error' | 'warning' | 'note';

/** One rule of the image policy: what SARIF's rules, the summary and docs/policy/ are made of. */
export interface Rule {
  readonly id: RuleId;
  /** A few words, without a full stop. */
  readonly title: string;
  /** What the rule says unless the policies give it another severity. A finding may be less severe than its rule. */
  readonly severity: Severity;
  /** Why, and what to do: two or three sentences of plain text. */
  readonly help: string;
  /** The rule's page, from the root of Waybill's repository. */
  readonly doc: string;
  readonly tags: readonly string[];
}

const TABLE = {
  unpinned: {
    title: 'Image reference without a digest',
    severity: 'error',
    help: 'A tag can be moved, so a commit that names only a tag does not say what runs. Write the digest: repository@sha256:…, or repository:SHA@sha256:….',
    tags: ['pinning', 'supply-chain'],
  },
  'malformed-digest': {
    title: 'Digest that is none',
    severity: 'error',
    help: 'A digest is sha256: and exactly 64 lower-case hexadecimal digits (sha384: 96, sha512: 128). A shortened or upper-case one is refused by the container runtime, or by nothing at all until it is needed. Copy the whole digest from the registry.',
    tags: ['pinning'],
  },
  'invalid-reference': {
    title: 'Text that is no image reference',
    severity: 'error',
    help: 'What stands where an image is deployed from can not be parsed as one. Repositories are lower-case; the form is [HOST[:PORT]/]PATH[:TAG][@DIGEST].',
    tags: ['pinning'],
  },
  'channel-tag': {
    title: 'Branch-like tag',
    severity: 'error',
    help: 'A tag such as main or latest names a channel, not an artifact, and says the wrong thing even beside a digest. Remove the tag, or write the build SHA or the version that the digest belongs to. There is no allowlist for such tags in any lane.',
    tags: ['pinning', 'tags'],
  },
  'unclassified-tag': {
    title: 'Tag that is neither version, build SHA nor date',
    severity: 'warning',
    help: 'The tag of a third-party image does not look like one that its publisher never moves. Use a full version, or tell the policies what this repository’s tags look like (images.tagPatterns).',
    tags: ['tags'],
  },
  'moving-tag': {
    title: 'Tag of a version that still moves',
    severity: 'warning',
    help: 'Tags such as 1.25 or 17-alpine are moved to each new patch, so beside a digest they soon say the wrong version. Write the full version that the digest belongs to.',
    tags: ['tags'],
  },
  'digest-as-tag': {
    title: 'Digest written as a tag',
    severity: 'error',
    help: 'sha256-… in the place of a tag is a tag like any other: nothing checks it against the content. Write it as a digest, behind an @ or in the digest field.',
    tags: ['pinning', 'tags'],
  },
  'numeric-tag': {
    title: 'Tag that YAML does not read as a string',
    severity: 'error',
    help: 'An unquoted tag of digits (or digits around one e) is a number to YAML: 1.10 becomes 1.1 and 1234567e8 becomes 1.234567e+14 on its way through Helm. Put it in quotes.',
    tags: ['tags', 'yaml'],
  },
  'first-party-split': {
    title: 'First-party image in several fields',
    severity: 'error',
    help: 'Images that we build are configured by one string, image.ref. Repository, tag and digest in fields of their own drift apart and make it easy to deploy a floating tag. Write image: {ref: repository@sha256:…}.',
    tags: ['contract'],
  },
  'tag-in-labels': {
    title: 'Digest in a tag that the chart puts into labels',
    severity: 'warning',
    help: 'The chart writes image.tag into Kubernetes labels or annotations, where version@sha256:… is no valid value. Use the chart’s digest field, or patch the chart to have one.',
    tags: ['contract', 'helm'],
  },
  'pull-policy': {
    title: 'Pull policy other than IfNotPresent',
    severity: 'error',
    help: 'A pinned image never changes, so pulling it again is only a way to make rollouts happen without a commit, or to fail without a registry. Remove the field, or write IfNotPresent.',
    tags: ['pull-policy'],
  },
  'primitive-pull-policy': {
    title: 'Pull policy of a custom resource relied upon',
    severity: 'error',
    help: 'A rollout of a primitive is a commit that changes the digest in its spec.image, never its spec.imagePullPolicy. Remove the field.',
    tags: ['pull-policy', 'operators'],
  },
  'kustomize-unpins': {
    title: 'Kustomize entry that removes the digest',
    severity: 'error',
    help: 'An images entry with newTag, tagSuffix or newName and no digest drops the digest that the base has, without a word. Add digest: sha256:… to the entry.',
    tags: ['pinning', 'kustomize'],
  },
  'argocd-image-identity': {
    title: 'Argo CD takes two images for one',
    severity: 'warning',
    help: 'Argo CD takes what stands before the first =, : or @ for an image’s name, so all images of a registry with a port are one to it. Write old=new.',
    tags: ['argocd', 'kustomize'],
  },
  'duplicate-key': {
    title: 'Key that stands twice',
    severity: 'error',
    help: 'A key on the way to an image stands twice in its mapping: a reviewer reads the first, most parsers take the last. Remove one.',
    tags: ['yaml'],
  },
  'lineage-unknown': {
    title: 'Digest that was not in the environment before',
    severity: 'error',
    help: 'An environment only receives digests that stand, at the commit the change is based on, in the environment before it, or that are Freight of its Warehouse. Promote the digest through the environments in order.',
    tags: ['lineage'],
  },
  'lineage-unverified': {
    title: 'Freight that its upstream Stages have not verified',
    severity: 'error',
    help: 'The Freight with this digest is not available to the Stage: it has not been verified upstream, nor approved. Promote it there first, or ask for an approval.',
    tags: ['lineage'],
  },
  'lineage-unsoaked': {
    title: 'Freight that has not soaked long enough',
    severity: 'error',
    help: 'The Freight with this digest is verified upstream, but has not stood there for as long as the Stage demands. Wait, or ask for an approval.',
    tags: ['lineage'],
  },
  'lineage-rejected': {
    title: 'Freight that was rejected',
    severity: 'error',
    help: 'A person rejected the Freight with this digest. It goes nowhere until the rejection is lifted.',
    tags: ['lineage'],
  },
  'lineage-mixed': {
    title: 'Digests of different Freight in one Stage',
    severity: 'error',
    help: 'The images of one Freight were verified together and move together. Take all digests of one Freight, or let the policies allow single images.',
    tags: ['lineage'],
  },
  'lineage-downgrade': {
    title: 'Freight older than what the Stage has',
    severity: 'error',
    help: 'The change takes the Stage back to older Freight, and no rollback is recorded that asks for it. Ask for the rollback, or rebase the change.',
    tags: ['lineage'],
  },
  'lineage-self-approved': {
    title: 'Change that moves both ends',
    severity: 'error',
    help: 'The digest enters an environment and the environment before it in the same change, so that the change would be its own proof. Let it stand in the first environment before it enters the next.',
    tags: ['lineage'],
  },
  'lineage-shared': {
    title: 'Shared default that moves every environment at once',
    severity: 'error',
    help: 'A digest in shared files reaches all environments in the same moment, so that it must already stand in the last of them. Move it in the environments’ own files, in order.',
    tags: ['lineage'],
  },
  'digest-not-found': {
    title: 'Digest that the registry does not have',
    severity: 'error',
    help: 'The registry answered that there is no such manifest in the repository. A typing mistake, a deleted image, or the wrong repository.',
    tags: ['online'],
  },
  'tag-digest-mismatch': {
    title: 'Tag and digest that disagree',
    severity: 'error',
    help: 'The tag beside the digest points at other content, and only the digest counts. Write the tag that the digest belongs to, or none.',
    tags: ['online', 'tags'],
  },
  'platform-child': {
    title: 'Digest of one architecture instead of the index',
    severity: 'error',
    help: 'The digest is that of one platform’s manifest within a multi-platform image. It is a different artifact from the one that is promoted. Write the index’s digest.',
    tags: ['online', 'lineage'],
  },
  'platform-missing': {
    title: 'Image that lacks a required platform',
    severity: 'error',
    help: 'The policies demand platforms that the image’s index does not list. Build the image for them.',
    tags: ['online'],
  },
  'expired-exception': {
    title: 'Exception past its date',
    severity: 'error',
    help: 'An exception in waybill.policies.yaml has expired. Mend what it excused, or have its owner set a new date.',
    tags: ['policies'],
  },
  'not-checked': {
    title: 'Something that could not be read',
    severity: 'error',
    help: 'Templates, encrypted files, invalid YAML and files that are not UTF-8 can not be checked. Within an enforced path that fails the check; elsewhere it is said.',
    tags: ['coverage'],
  },
} as const satisfies Readonly<Record<string, Omit<Rule, 'id' | 'doc'>>>;

/** The stable name of a rule: it is in policies, SARIF and links. Add, never rename. */
export type RuleId = keyof typeof TABLE;

/** All rules, in the order in which reports group by them. */
export const RULES: readonly Rule[] = (Object.keys(TABLE) as RuleId[]).map((id) => ({
  id,
  ...TABLE[id],
  doc: `docs/policy/${id}.md`,
}));

const BY_ID: ReadonlyMap<string, Rule> = new Map(RULES.map((rule) => [rule.id, rule]));

/** The rule of that ID, or undefined for a text that is none. */
export function findRule(id: string): Rule | undefined {
  return BY_ID.get(id);
}

/** The rule of an ID. */
export function ruleOf(id: RuleId): Rule {
  return { id, ...TABLE[id], doc: `docs/policy/${id}.md` };
}
