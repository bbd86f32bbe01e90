/* The deposit desk: files are dropped or chosen, each is sent by itself with its progress, then the deposit is shown.
   Without this script the form sends them all at once. */
(function () {
  "use strict";

  function start(form) {
    var input = form.querySelector("input[type=file]");
    var list = form.querySelector("[data-list]");
    var said = form.querySelector("[data-said]");
    var state = { batch: "", url: "", queue: [], busy: false, failed: 0 };

    function words(name, file) {
      return form.dataset[name].replace("{file}", file.name);
    }

    function row(file) {
      var item = document.createElement("li");
      var text = document.createElement("span");
      var bar = document.createElement("progress");
      bar.max = 100;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      text.textContent = file.name;
      item.append(text, bar);
      list.append(item);
      return { item: item, text: text, bar: bar };
    }

    function tell(line, text) {
      line.text.textContent = text;
      said.textContent = text;
    }

    function failed(line, file, why) {
      state.failed += 1;
      line.item.className = "budget-drop-failed";
      line.bar.remove();
      tell(line, words("failed", file) + (why ? " – " + why : ""));
    }

    function body(file) {
      var data = new FormData(form);
      data.delete("upload");
      data.append("upload", file, file.name);
      if (state.batch) data.append("batch_id", state.batch);
      return data;
    }

    function done(request, line, file) {
      var answer = null;
      try {
        answer = JSON.parse(request.responseText);
      } catch (error) {
        answer = null; // a proxy's page, not ours
      }
      if (request.status === 200 && answer) {
        state.batch = answer.batch_id;
        state.url = answer.url;
        line.bar.value = 100;
        tell(line, words("sent", file));
      } else {
        failed(line, file, answer ? answer.error : "");
      }
      next();
    }

    function send(entry) {
      var file = entry.file, line = entry.line, request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", function (event) {
        if (event.lengthComputable) line.bar.value = (90 * event.loaded) / event.total;
      });
      request.upload.addEventListener("load", function () {
        tell(line, words("looking", file));
      });
      request.addEventListener("load", function () {
        done(request, line, file);
      });
      request.addEventListener("error", function () {
        failed(line, file, "");
        next();
      });
      tell(line, words("sending", file));
      request.send(body(file));
    }

    function next() {
      var entry = state.queue.shift();
      state.busy = Boolean(entry);
      if (entry) return send(entry);
      if (!state.url) return undefined;
      if (!state.failed) return window.location.assign(state.url);
      if (!list.querySelector("a")) {
        var item = document.createElement("li"), link = document.createElement("a");
        link.href = state.url;
        link.textContent = form.dataset.see;
        item.append(link);
        list.append(item);
      }
      return undefined;
    }

    function add(files) {
      Array.prototype.forEach.call(files, function (file) {
        state.queue.push({ file: file, line: row(file) });
      });
      if (!state.busy) next();
    }

    function ready() {
      var choice = form.querySelector("select");
      return !choice || choice.reportValidity();
    }

    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (state.busy || !input.files.length) return;
      add(input.files);
      input.value = "";
    });
    ["dragenter", "dragover"].forEach(function (name) {
      form.addEventListener(name, function (event) {
        event.preventDefault();
        form.classList.add("budget-drop-over");
      });
    });
    ["dragleave", "drop"].forEach(function (name) {
      form.addEventListener(name, function (event) {
        event.preventDefault();
        form.classList.remove("budget-drop-over");
      });
    });
    form.addEventListener("drop", function (event) {
      if (ready()) add(event.dataTransfer.files);
    });
  }

  function begin() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-budget-desk]"), start);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
