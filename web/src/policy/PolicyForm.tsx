import type { JSX } from "preact";
export function PolicyForm(p: { campaign: string; onCampaign: (t: string) => void; number: unknown; onNumber: (f: string, v: unknown) => void; own: Record<string, number>; numbers: number; problems: unknown[] }): JSX.Element {
  return <p>{p.campaign.length}</p>;
}
