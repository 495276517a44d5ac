// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The card's four vectors. Each is a level: what rang is looked for in video memory. */
#include <linux/interrupt.h>

#include "tqgpu_device.h"

static irqreturn_t tqgpu_completion_interrupt(int irq, void *data)
{
	struct tqgpu_device *tq = data;
	int class;

	/* A fault is known before its job's fence says that the job has ended. */
	tqgpu_fault_drain(tq);
	for (class = 0; class < TQGPU_ENGINE_COUNT; class++)
		tqgpu_engine_complete(&tq->engine[class]);
	wake_up_all(&tq->user_fences);
	return IRQ_HANDLED;
}

static irqreturn_t tqgpu_fault_interrupt(int irq, void *data)
{
	struct tqgpu_device *tq = data;

	tqgpu_fault_drain(tq);
	if (tq->control->boot_state == TQGPU_BOOT_PANIC)
		queue_work(tqgpu_wq, &tq->reset_work);
	return IRQ_HANDLED;
}

static irqreturn_t tqgpu_log_interrupt(int irq, void *data)
{
	struct tqgpu_device *tq = data;

	queue_work(tqgpu_wq, &tq->log_work);
	return IRQ_HANDLED;
}

static irqreturn_t tqgpu_heartbeat_interrupt(int irq, void *data)
{
	struct tqgpu_device *tq = data;

	tq->missed_beats = 0;
	return IRQ_HANDLED;
}

static const struct {
	irq_handler_t handler;
	const char *name;
} tqgpu_vectors[TQGPU_VECTOR_COUNT] = {
	[TQGPU_HOST_VECTOR_COMPLETION] = { tqgpu_completion_interrupt, "tqgpu-completion" },
	[TQGPU_HOST_VECTOR_FAULT] = { tqgpu_fault_interrupt, "tqgpu-fault" },
	[TQGPU_HOST_VECTOR_LOG] = { tqgpu_log_interrupt, "tqgpu-log" },
	[TQGPU_HOST_VECTOR_HEARTBEAT] = { tqgpu_heartbeat_interrupt, "tqgpu-heartbeat" },
};

void tqgpu_interrupt_fini(struct tqgpu_device *tq)
{
	int i;

	for (i = 0; i < TQGPU_VECTOR_COUNT; i++)
		free_irq(pci_irq_vector(tq->pdev, i), tq);
	pci_free_irq_vectors(tq->pdev);
}

int tqgpu_interrupt_init(struct tqgpu_device *tq)
{
	int i, err;

	err = pci_alloc_irq_vectors(tq->pdev, TQGPU_VECTOR_COUNT, TQGPU_VECTOR_COUNT, PCI_IRQ_MSIX);
	if (err < 0)
		return err;
	for (i = 0; i < TQGPU_VECTOR_COUNT; i++) {
		err = request_irq(pci_irq_vector(tq->pdev, i), tqgpu_vectors[i].handler, 0, tqgpu_vectors[i].name, tq);
		if (err) {
			while (i--)
				free_irq(pci_irq_vector(tq->pdev, i), tq);
			pci_free_irq_vectors(tq->pdev);
			return err;
		}
	}
	return 0;
}
