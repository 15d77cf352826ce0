/** What the page itself was told by who serves it. */

function content(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

/** What lets a style sheet that is made here pass the page's policy. */
export const nonce = content("csp-nonce");

/** The laws that a campaign may keep. */
export const laws: readonly string[] = content("laws").split(" ").filter(Boolean);
