// Keeps bars of jobs up to date by server-sent events. Without it, a reload shows the same.
function follow(bar) {
  const source = new EventSource(`/jobs/${bar.dataset.job}/events`);
  let shown = bar;
  source.addEventListener("message", (event) => {
    const said = JSON.parse(event.data);
    const holder = document.createElement("template");
    holder.innerHTML = said.html;
    const next = holder.content.firstElementChild;
    // What has the focus, or is read aloud, isn't replaced where it says the same.
    if (shown.innerHTML !== next.innerHTML) {
      const focused = shown.contains(document.activeElement);
      shown.replaceWith(next);
      shown = next;
      if (focused) shown.querySelector("a")?.focus();
    }
    if (!said.over) return;
    source.close();
    if (shown.closest("[data-reload]")) location.reload();
  });
}
for (const bar of document.querySelectorAll("[data-job][data-live]")) follow(bar);
