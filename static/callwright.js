// Callwright: the one script. Every page works without it; it saves steps.
"use strict";

(() => {
  const announce = (words) => {
    const announcer = document.getElementById("announcer");
    if (announcer) announcer.textContent = words;
  };

  // Dialogs: <button data-opens="invite"> … <dialog id="invite">. Escape and focus are the browser's own work.
  const openDialog = (name) => {
    const dialog = document.getElementById(name);
    if (!(dialog instanceof HTMLDialogElement)) return false;
    if (!dialog.open) dialog.showModal();
    return true;
  };

  // A form that asks first: <form data-confirm="Revoke this key?">.
  const confirmed = new WeakSet();
  const askFirst = (form, submitter) => {
    const dialog = document.getElementById("confirm-dialog");
    const yes = dialog.querySelector("[data-confirm-yes]");
    dialog.querySelector("[data-confirm-question]").textContent = form.dataset.confirm;
    yes.textContent = (submitter && submitter.textContent.trim()) || "Continue";
    yes.classList.toggle("danger", Boolean(submitter && submitter.classList.contains("danger")));
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      confirmed.add(form);
      form.requestSubmit(submitter);
      confirmed.delete(form);
    }, { once: true });
    dialog.showModal();
    dialog.querySelector("[data-confirm-no]").focus();
  };

  const copy = async (button) => {
    const text = button.closest(".copyable, .code-block").querySelector("[data-copied]");
    const label = button.querySelector("span");
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      getSelection().selectAllChildren(text);
      said = "Selected";
    }
    label.textContent = said;
    announce(said);
    setTimeout(() => { label.textContent = "Copy"; }, 2000);
  };

  const dismiss = (toast) => {
    const holder = toast.parentElement;
    toast.remove();
    if (holder && !holder.children.length) holder.remove();
  };

  const openRow = (row, event) => {
    if (event.target.closest("a, button, input, select, textarea, label, summary, form")) return;
    if (getSelection().toString()) return;
    if (event.metaKey || event.ctrlKey) window.open(row.dataset.href, "_blank", "noopener");
    else window.location.assign(row.dataset.href);
  };

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details[data-closes-outside][open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    closeMenus(target);
    const opener = target.closest("[data-opens]");
    if (opener && openDialog(opener.dataset.opens)) event.preventDefault();
    const closer = target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
    const copier = target.closest("[data-copies]");
    if (copier) copy(copier);
    const dismisser = target.closest("[data-dismisses]");
    if (dismisser) dismiss(dismisser.closest(".toast"));
    const row = target.closest("tr[data-href]");
    if (row) openRow(row, event);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !confirmed.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      askFirst(form, event.submitter);
      return;
    }
    if (form.method === "post") preventTwice(form, event);
  }, true);

  // A second click on the same button posts nothing new.
  const preventTwice = (form, event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 3000);
  };
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const around = [...document.querySelectorAll("details[data-closes-outside][open]")];
    const outermost = around.find((menu) => menu.contains(document.activeElement));
    closeMenus(null);
    if (outermost) outermost.querySelector("summary").focus();
  });

  // Toasts of good news leave by themselves, unless someone is reading them.
  const fade = (toast) => {
    let timer;
    const start = () => { timer = setTimeout(() => dismiss(toast), 8000); };
    const stop = () => clearTimeout(timer);
    toast.addEventListener("mouseenter", stop);
    toast.addEventListener("mouseleave", start);
    toast.addEventListener("focusin", stop);
    toast.addEventListener("focusout", start);
    start();
  };

  // Passwords may be looked at before they are sent.
  const offerReveal = (input) => {
    const line = document.createElement("div");
    line.className = "with-button";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet reveal";
    button.textContent = "Show";
    button.setAttribute("aria-label", "Show password");
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.textContent = shown ? "Show" : "Hide";
      button.setAttribute("aria-pressed", String(!shown));
    });
    const focused = document.activeElement === input;
    input.replaceWith(line);
    line.append(input, button);
    if (focused) input.focus();
  };

  const prepare = (root) => {
    for (const toast of root.querySelectorAll(".toast[data-fades]")) fade(toast);
    for (const input of root.querySelectorAll(".field input[type=password]:not([data-plain])")) {
      if (!input.closest(".with-button")) offerReveal(input);
    }
  };

  prepare(document);
  const summary = document.querySelector("[data-takes-focus]:not([data-keeps-focus] *)");
  if (summary) summary.focus();

  document.addEventListener("htmx:load", (event) => {
    if (event.target !== document.body) prepare(event.target);
  });
  // The session cookie is not for scripts, so the token is read from a form of this very page.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token) event.detail.headers["X-CSRFToken"] = token.value;
  });
})();
