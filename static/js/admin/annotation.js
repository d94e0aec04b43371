// A photo that is being annotated: ask until it is over, then show the page anew, unless somebody
// has begun to fill in the form.
{
  const WAIT_MS = 1000;
  let edited = false;

  const ask = async (url) => {
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (answer.ok && !answer.redirected && (await answer.json()).state !== "new" && !edited) {
        location.reload();
        return;
      }
    } catch {
      // The next round may have more luck.
    }
    setTimeout(ask, WAIT_MS, url);
  };

  addEventListener("DOMContentLoaded", () => {
    const waiting = document.querySelector("[data-annotating]");
    if (!waiting) return;
    addEventListener("input", () => {
      edited = true;
    });
    setTimeout(ask, WAIT_MS, waiting.dataset.annotating);
  });
}
